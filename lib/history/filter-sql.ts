import { ESCAPE_IN_JSON, type Filter } from '@/lib/core/filter.ts';
import { topicRules } from '@/lib/core/filter-topics.ts';
import { rankOf } from '@/lib/core/level.ts';

export type SqlCondition = { readonly where: string; readonly values: readonly (string | number)[] };

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Whether SQL lets through more than the filter does. */
export function isWiderInSql({ q, topics }: Filter): boolean {
  return q !== undefined || topics?.some((topic) => topicRules(topic).some(({ name }) => name !== undefined)) === true;
}

/**
 * A filter in SQL: kind, level and services exactly, the text only where LIKE cannot miss what the real filter finds
 * (LIKE folds ASCII alone), topics but for the names of metrics, which no column holds. The reader runs the real filter
 * over what comes back: there is one filter language.
 */
export function filterToSql(filter: Filter): SqlCondition {
  const where: string[] = [];
  const values: (string | number)[] = [];
  if (filter.kind) {
    where.push('kind = ?');
    values.push(filter.kind === 'log' ? 0 : 1);
  }
  if (filter.level) {
    where.push('rank >= ?');
    values.push(rankOf(filter.level));
  }
  if (filter.services?.length) {
    where.push(`service IN (${filter.services.map(() => '?').join(', ')})`);
    values.push(...filter.services);
  }
  if (filter.q && ASCII.test(filter.q)) {
    // Colours may stand within what is searched for: only the real filter sees past them.
    where.push(`(body LIKE ? ESCAPE '!' OR instr(body, ?) > 0)`);
    values.push(`%${JSON.stringify(filter.q).slice(1, -1).replace(/[%_!]/g, '!$&')}%`, ESCAPE_IN_JSON);
  }
  if (filter.topics) {
    const rules = filter.topics.flatMap(topicRules).map(({ kind, service, rank }) => {
      values.push(kind === 'log' ? 0 : 1);
      if (service !== undefined) values.push(service);
      if (rank !== undefined) values.push(rank);
      return `(kind = ?${service === undefined ? '' : ' AND service = ?'}${rank === undefined ? '' : ' AND rank = ?'})`;
    });
    where.push(rules.length > 0 ? `(${rules.join(' OR ')})` : 'false');
  }
  return { where: where.map((condition) => ` AND ${condition}`).join(''), values };
}
