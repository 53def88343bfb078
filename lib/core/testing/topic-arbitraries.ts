import fc from 'fast-check';
import { encodeTopicLevel } from '../filter-topics.ts';
import { filterOf, prepared } from './arbitraries.ts';

const SERVICES = ['api', 'a/b', '+', '#', '50%', 'ünï', '"q"', 'logs', 'C:\\x'];
const NAMES = ['cpu', 'cpu/user', '+', '#', 'a"b', 'back\\slash', 'warn', '支払い'];
const LEVEL_NAMES = ['trace', 'info', 'warn', 'fatal'];

/** An event whose service and name are what a topic would choke on, with attributes that pretend to be both. */
export const topicEvent = fc
  .record({
    isMetric: fc.boolean(),
    level: fc.constantFrom(...LEVEL_NAMES),
    service: fc.constantFrom(...SERVICES),
    name: fc.constantFrom(...NAMES),
    pretended: fc.constantFrom(...NAMES, ...SERVICES, ...LEVEL_NAMES),
  })
  .map(({ isMetric, level, service, name, pretended }) => {
    const attributes = { a: 1, name: pretended, service: pretended, level: pretended };
    return isMetric
      ? prepared({ kind: 'metric', name, value: 1, service, attributes })
      : prepared({ message: `x","name":"${pretended}",`, level, service, attributes });
  });

const level = (texts: readonly string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...texts.map(encodeTopicLevel)) },
    { weight: 2, arbitrary: fc.constant('+') },
    { weight: 1, arbitrary: fc.constantFrom('%61pi', 'none', '', 'a%2fb') },
  );

/** A pattern as somebody might subscribe to it, well-formed: `#` only at the end. */
export const topicPattern = fc
  .tuple(
    fc.constantFrom('logs', 'metrics', '+', 'other'),
    level(SERVICES),
    level([...NAMES, ...LEVEL_NAMES]),
    fc.integer({ min: 0, max: 4 }),
    fc.boolean(),
  )
  .map(([kind, service, leaf, count, isOpen]) => {
    const levels = [kind, service, leaf, 'more'].slice(0, Math.max(count, isOpen ? 0 : 1));
    return (isOpen ? [...levels, '#'] : levels).join('/');
  });

export const topicFilterOf = fc
  .tuple(filterOf, fc.option(fc.array(topicPattern, { maxLength: 4 }), { nil: undefined }))
  .map(([filter, topics]) => (topics ? { ...filter, topics } : filter));
