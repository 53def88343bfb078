import { expect, test } from 'vitest';
import { sourceName } from './source-name.ts';

const id = '0a'.repeat(32);

test.each([
  ['/var/log/app.log', 'app'],
  ['/var/log/app.log.1', 'app'],
  ['/var/log/app.log.12.gz', 'app'],
  ['/var/log/app.log-20260601', 'app'],
  ['/var/log/app-20260601.log.gz', 'app'],
  ['/var/log/app-2026-06-01.log', 'app'],
  ['/var/log/syslog', 'syslog'],
  ['/var/log/my.service.txt', 'my.service'],
  ['/var/log/.log', '.log'],
  [`/var/lib/docker/containers/${id}/${id}-json.log`, id.slice(0, 12)],
  [`/var/log/containers/web-7d_prod_nginx-proxy-${id}.log`, 'nginx-proxy'],
  ['/var/log/pods/prod_web-7d_6f1c-22/nginx/0.log', 'nginx'],
])('%s is of the service %s', async (path, service) => {
  expect((await sourceName(path)).service).toBe(service);
});

test('pod, namespace and container are attributes', async () => {
  const attributes = { namespace: 'prod', pod: 'web-7d', container: 'nginx' };
  expect((await sourceName(`/var/log/containers/web-7d_prod_nginx-${id}.log`)).attributes).toEqual(attributes);
  expect((await sourceName('/var/log/pods/prod_web-7d_6f1c-22/nginx/0.log')).attributes).toEqual(attributes);
});
