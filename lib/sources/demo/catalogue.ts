/** The nouns of the synthetic shop: its services, goods, customers and their browsers. */
export const SERVICES = ['storefront', 'search', 'cart', 'checkout', 'payments', 'inventory', 'auth'] as const;
export type Service = (typeof SERVICES)[number];

/** Median duration of a request while all is well, and the versions that run. */
export const HEALTHY: Readonly<Record<Service, { readonly medianMs: number; readonly version: string }>> = {
  storefront: { medianMs: 38, version: '5.12.1' },
  search: { medianMs: 54, version: '2.3.0' },
  cart: { medianMs: 16, version: '2.13.4' },
  checkout: { medianMs: 85, version: '4.0.2' },
  payments: { medianMs: 140, version: '1.28.0' },
  inventory: { medianMs: 12, version: '3.7.9' },
  auth: { medianMs: 24, version: '6.1.0' },
};

export type Product = { readonly slug: string; readonly name: string; readonly cents: number };

export const PRODUCTS: readonly [Product, ...Product[]] = [
  { slug: 'enamel-mug-blue', name: 'Enamel mug, blue', cents: 1490 },
  { slug: 'oak-shelf-80', name: 'Oak shelf, 80 cm', cents: 8900 },
  { slug: 'wool-blanket', name: 'Wool blanket', cents: 6450 },
  { slug: 'moka-pot-6', name: 'Moka pot, 6 cups', cents: 3295 },
  { slug: 'raincoat-yellow', name: 'Raincoat, yellow', cents: 11900 },
  { slug: 'kite-kestrel', name: 'Kite “Kestrel”', cents: 4200 },
  { slug: 'fjord-lamp', name: 'Lampe “Fjørd”', cents: 15900 },
  { slug: 'sencha-100', name: 'Sencha 煎茶, 100 g', cents: 1190 },
];

/** One of them is an attempt to run a script in whatever shows the log; it must stay text. */
export const SEARCHES = [
  'blue mug',
  'mug',
  'shelf 80cm',
  'raincoat xl',
  'gift for dad',
  'café crème cups',
  '抹茶',
  'лампа',
  'moka pot gasket',
  '<script>alert(1)</script>',
  "kite'; DROP TABLE products;--",
] as const;

export const REGIONS = ['eu-central', 'eu-west', 'us-east', 'ap-south'] as const;
export const PAYMENT_METHODS = ['card', 'card', 'card', 'paypal', 'invoice', 'ideal'] as const;

export const USER_AGENTS = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'ShopApp/8.4.1 (iOS 19.1; iPhone17,2)',
] as const;
