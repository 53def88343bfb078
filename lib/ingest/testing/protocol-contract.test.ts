import { testProtocol } from './protocol-contract.ts';
import { toyProtocol } from './toy-protocol.ts';

testProtocol({
  protocol: toyProtocol,
  samples: [
    {
      title: 'a log, a metric and what is neither',
      body: '[{"kind":"log","message":"m","attributes":{"a":1}},{"kind":"metric","name":"n","value":1},3]',
      becomes: [{ message: 'm' }, { name: 'n', value: 1 }, 'expected an object'],
    },
  ],
  write: (text, name) => ({
    body: `[{"kind":"log","message":${JSON.stringify(text)},"attributes":{${JSON.stringify(name)}:1}}]`,
  }),
});
