import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

/** The path of a file of the repository. */
export function path(file: string): string {
  return fileURLToPath(new URL(file, root));
}

export function read(file: string): string {
  return readFileSync(path(file), 'utf8');
}

export interface Ran {
  ok: boolean;
  output: string;
}

export function run(command: string, ...args: string[]): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}` };
}

/** Whether a tool is here; says so plainly where its tests will be skipped. */
export function have(command: string, ...args: string[]): boolean {
  const { ok } = run(command, ...args);
  if (!ok) {
    console.warn(`Skipped, for "${[command, ...args].join(' ')}" does not work here.`);
  }
  return ok;
}
