import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startInProcess } from './support/in-process-server.ts';

test('a port of MQTT that is taken ends the start with a sentence that names the setting', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const asked = startInProcess('socket', { TAILRACE_MQTT_PORT: String(port) });
  await expect(asked).rejects.toThrow(
    `MQTT: port ${port} is in use; choose another port, or "off", with TAILRACE_MQTT_PORT`,
  );
  taken.close();
});
