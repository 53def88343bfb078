import { PAYMENT_METHODS, PRODUCTS, SEARCHES } from './catalogue.ts';
import type { VisitLog } from './request-log.ts';
import { STACK_TRACES } from './stack-traces.ts';

/** Lines a visit writes on average (over a day, 40 a second asked gave 41): what turns lines a second into visits a second. */
export const LINES_PER_VISIT = 2.6;

type Visit = { readonly weight: number; readonly run: (log: VisitLog) => { ordered: boolean } };
const NO_ORDER = { ordered: false };

export const VISITS: readonly [Visit, ...Visit[]] = [
  { weight: 40, run: browse },
  { weight: 20, run: search },
  { weight: 15, run: fillCart },
  { weight: 10, run: logIn },
  { weight: 10, run: checkOut },
  { weight: 5, run: keepHouse },
];

function browse(log: VisitLog) {
  const { random } = log;
  const product = random.pick(PRODUCTS);
  const path = random.chance(0.2) ? '/' : `/product/${product.slug}`;
  if (random.chance(0.03)) log.request({ service: 'storefront', method: 'GET', path: `${path}/old`, status: 404 });
  const { durationMs } = log.request({ service: 'storefront', method: 'GET', path });
  if (random.chance(0.3)) log.say('storefront', 'debug', `cache ${random.chance(0.9) ? 'hit' : 'miss'} for ${path}`);
  if (durationMs > 150) log.say('storefront', 'warn', `slow render of ${path}: ${durationMs} ms`, { durationMs });
  return NO_ORDER;
}

function search(log: VisitLog) {
  const { random } = log;
  const query = random.pick(SEARCHES);
  const outcome = log.request({ service: 'search', method: 'GET', path: `/search?q=${encodeURIComponent(query)}` });
  if (!outcome.failed) {
    log.say('search', 'info', `${random.integer(0, 240)} hits for "${query}"`, {
      query,
      durationMs: outcome.durationMs,
    });
  } else if (log.conditions.incident?.name === 'search-memory') {
    log.say('search', 'error', STACK_TRACES.searchMemory, { query, 'error.type': '_ArrayMemoryError' });
  }
  log.request({ service: 'storefront', method: 'GET', path: '/search' });
  return NO_ORDER;
}

function fillCart(log: VisitLog) {
  const { random } = log;
  const product = random.pick(PRODUCTS);
  const { failed } = log.request({ service: 'cart', method: 'POST', path: '/cart/items' });
  if (failed) {
    log.say('cart', 'error', STACK_TRACES.cartTypeError, { product: product.slug, 'error.type': 'TypeError' });
    return NO_ORDER;
  }
  const quantity = random.integer(1, 3);
  log.say('cart', 'info', `added ${quantity} × ${product.name} to cart`, { product: product.slug, quantity });
  reserve(log, product.slug);
  return NO_ORDER;
}

function reserve(log: VisitLog, product: string): boolean {
  const { random } = log;
  const { failed } = log.request({ service: 'inventory', method: 'PUT', path: `/stock/${product}/reserve` });
  if (failed && log.conditions.incident?.name === 'stock-deadlocks') {
    log.say('inventory', 'error', STACK_TRACES.inventoryDeadlock, { product, 'error.type': 'deadlock_detected' });
  } else if (!failed && random.chance(0.02)) {
    log.say('inventory', 'warn', `stock of ${product} is low: ${random.integer(1, 5)} left`, { product });
  }
  return !failed;
}

function logIn(log: VisitLog) {
  const { random } = log;
  const customer = `c_${random.integer(1000, 9999)}`;
  const attacked = log.conditions.incident?.name === 'login-attack';
  if (random.chance(attacked ? 0.85 : 0.06)) {
    log.request({
      service: 'auth',
      method: 'POST',
      path: '/login',
      status: attacked && random.chance(0.3) ? 429 : 401,
    });
    const from = `203.0.113.${random.integer(1, 254)}`;
    log.say('auth', 'warn', `wrong password for ${customer} from ${from}`, { customer, from });
    return NO_ORDER;
  }
  const { failed } = log.request({ service: 'auth', method: 'POST', path: '/login' });
  if (failed) log.say('auth', 'error', STACK_TRACES.authUnhandled, { 'error.type': 'InvalidOperationException' });
  else log.say('auth', 'info', `customer ${customer} signed in`, { customer });
  return NO_ORDER;
}

function checkOut(log: VisitLog) {
  const { random } = log;
  const product = random.pick(PRODUCTS);
  const order = `o-${random.integer(100_000, 999_999)}`;
  const amount = (product.cents * random.integer(1, 3)) / 100;
  reserve(log, product.slug);
  if (!pay(log, order)) {
    log.request({ service: 'checkout', method: 'POST', path: '/orders', status: 502 });
    log.say('checkout', 'error', `order ${order} could not be paid`, { order, amount });
    return NO_ORDER;
  }
  const { failed } = log.request({ service: 'checkout', method: 'POST', path: '/orders' });
  if (failed) return NO_ORDER;
  const method = random.pick(PAYMENT_METHODS);
  log.say('checkout', 'info', `order ${order} placed: ${product.name}, ${amount.toFixed(2)} EUR by ${method}`, {
    order,
    amount,
    currency: 'EUR',
    method,
  });
  return { ordered: true };
}

function pay(log: VisitLog, order: string): boolean {
  const path = '/charges';
  if (log.conditions.circuit === 'open') {
    log.request({ service: 'payments', method: 'POST', path, status: 503, durationMs: 1 });
    log.say('payments', 'warn', `circuit is open, ${order} not sent to gateway-eu-2`, { order });
    return false;
  }
  const { failed } = log.request({ service: 'payments', method: 'POST', path });
  if (failed && log.conditions.incident?.name === 'payment-gateway') {
    log.say(
      'payments',
      'error',
      `charge of ${order} failed: gateway-eu-2 gave no answer\n${STACK_TRACES.paymentTimeout}`,
      {
        order,
        'error.type': 'java.net.SocketTimeoutException',
      },
    );
  }
  return !failed;
}

function keepHouse(log: VisitLog) {
  const { random } = log;
  const product = random.pick(PRODUCTS);
  const chores = [
    () => log.say('inventory', 'info', `restocked ${product.slug}: ${random.integer(20, 200)} pieces arrived`),
    () => log.say('checkout', 'info', `sent ${random.integer(1, 40)} order confirmations`),
    () => log.say('search', 'debug', `index segment merged, ${random.integer(900, 9000)} documents`),
    () => log.say('auth', 'debug', `expired ${random.integer(1, 90)} sessions`),
    () => log.say('cart', 'trace', `swept ${random.integer(0, 30)} abandoned carts`),
    () => log.say('payments', 'info', `\u001b[32m✔\u001b[39m settlement batch ${random.integer(1000, 9999)} closed`),
  ] as const;
  random.pick(chores)();
  return NO_ORDER;
}
