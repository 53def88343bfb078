export { createDemoSource, type DemoSourceOptions } from './demo/demo-source.ts';
export { createShop, type Shop, type ShopOptions } from './demo/shop.ts';
export { createHostSource, type HostSourceOptions } from './host-source.ts';
export { createLogStream, type LogStream } from './log-source.ts';
export { createProcessSource, type Gauge, type ProcessSourceOptions } from './process-source.ts';
export { createScrapeSource, type ScrapeOptions } from './scrape/scrape-source.ts';
