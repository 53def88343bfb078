import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { levelWord } from '@/lib/lines/level-words.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import { readCsv } from './csv.ts';

type Cells = Readonly<Record<string, string>>;
/** Year (absent where the format has none), month, day, hour, minute, second, ms, as the columns of the reference have them. */
type Parts = readonly (number | undefined)[];

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const month = (name = ''): number => MONTHS.indexOf(name) + 1;
const numbers = (text = ''): number[] => (text.match(/\d+/g) ?? []).map(Number);
const pairs = (text = ''): number[] => (text.match(/\d\d/g) ?? []).map(Number);

/** How the columns of each reference are to be read: written by hand, so that nothing is measured by itself. */
const TIMES: Readonly<Record<string, (cells: Cells) => Parts>> = {
  Apache: ({ Time = '' }) => {
    const [, name, day, clock, year] = Time.split(/ +/);
    return [Number(year), month(name), Number(day), ...numbers(clock), 0];
  },
  HDFS: ({ Date: date, Time }) => {
    const [year = 0, ...day] = pairs(date?.padStart(6, '0'));
    return [2000 + year, ...day, ...pairs(Time?.padStart(6, '0')), 0];
  },
  HealthApp: ({ Time = '' }) => {
    const [date = '', ...clock] = Time.split(/[-:]/);
    return [Number(date.slice(0, 4)), ...pairs(date.slice(4)), ...clock.map(Number)];
  },
  Linux: ({ Month, Date: day, Time }) => [undefined, month(Month), Number(day), ...numbers(Time), 0],
  OpenSSH: ({ Date: name, Day, Time }) => [undefined, month(name), Number(Day), ...numbers(Time), 0],
  OpenStack: ({ Date: date, Time }) => [...numbers(date), ...numbers(Time)],
  Spark: ({ Date: date, Time }) => {
    const [year = 0, ...day] = numbers(date);
    return [2000 + year, ...day, ...numbers(Time), 0];
  },
  Zookeeper: ({ Date: date, Time }) => [...numbers(date), ...numbers(Time)],
};

function partsOf(timeMs: number | undefined): Parts {
  if (timeMs === undefined) return [];
  const at = new Date(timeMs);
  const day = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return [...day, at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds(), at.getUTCMilliseconds()];
}

type Score = { lines: number; times: number; timesRight: number; levels: number; levelsRight: number; wrong: string[] };

function scoreFile(name: string, log: string, csv: string): Score {
  const score: Score = { lines: 0, times: 0, timesRight: 0, levels: 0, levelsRight: 0, wrong: [] };
  const lines = log.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  for (const cells of readCsv(csv)) {
    const line = lines[Number(cells['LineId']) - 1] ?? '';
    const understood = understandLine(line, { zoneMinutes: 0 });
    score.lines += 1;
    const expected = TIMES[name]?.(cells);
    if (expected) {
      const got = partsOf(understood.timeMs);
      const isRight = expected.every((part, index) => part === undefined || part === got[index]);
      score.times += 1;
      if (isRight) score.timesRight += 1;
      else score.wrong.push(`time ${expected.join(' ')}, got ${got.join(' ')}: ${line}`);
    }
    const level = levelWord(cells['Level'] ?? '')?.level;
    if (!level) continue;
    score.levels += 1;
    if (understood.level === level) score.levelsRight += 1;
    else score.wrong.push(`level ${level}, got ${understood.level}: ${line}`);
  }
  return score;
}

const share = (right: number, all: number): string => (all === 0 ? '–' : `${((100 * right) / all).toFixed(2)} %`);

const directory = process.argv[2] ?? process.env['LOGHUB_DIR'];
if (!directory || !existsSync(directory)) {
  process.stderr.write('npm run lines -- <directory with *.log and *.structured.csv of Loghub>\n');
  process.exit(2);
}
process.stdout.write('| file | lines | time | level |\n| --- | --- | --- | --- |\n');
const wrong: string[] = [];
for (const file of readdirSync(directory).filter((entry) => entry.endsWith('.log'))) {
  const name = file.slice(0, -4);
  const reference = join(directory, `${name}.structured.csv`);
  if (!existsSync(reference)) continue;
  const score = scoreFile(name, readFileSync(join(directory, file), 'utf8'), readFileSync(reference, 'utf8'));
  const times = share(score.timesRight, score.times);
  process.stdout.write(`| ${name} | ${score.lines} | ${times} | ${share(score.levelsRight, score.levels)} |\n`);
  wrong.push(...score.wrong.slice(0, 5).map((what) => `${name}: ${what.slice(0, 200)}`));
}
process.stdout.write(wrong.length > 0 ? `\n${wrong.join('\n')}\n` : '');
