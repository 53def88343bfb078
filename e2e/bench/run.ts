import { bareFanOut, fanOut } from './fan-out.ts';
import { ingest } from './ingest.ts';

const what = process.argv[2];
if (what === 'ingest') console.log(await ingest(8));
if (what === 'fan') {
  const n = Number(process.argv[3] ?? 1000);
  console.log('bare', await bareFanOut(n, 1000, 6));
  console.log('tailrace', await fanOut(n, 1000, 6));
}
