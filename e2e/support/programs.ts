import { existsSync } from 'node:fs';

/** Where a program of the system is. Throws when it is missing: a test that is skipped would prove nothing. */
export function programPath(name: string, debianPackage: string): string {
  for (const folder of ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin']) {
    if (existsSync(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  throw new Error(`this test needs ${name}: apt-get install ${debianPackage}`);
}
