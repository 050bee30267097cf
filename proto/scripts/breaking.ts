import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Checks that the contracts of a folder break nobody who was built against the last released ones: the newest tag
 * `proto/v…`, or until there is one the commit before.
 * @returns what to print: what was compared, or why nothing was.
 * @throws Error with buf's findings.
 */
export function checkBreaking(root: string): string {
  const base = baseRevision(root);
  if (base === undefined) return 'breaking: skipped, there is no earlier contract to compare with';
  const before = mkdtempSync(join(tmpdir(), 'malla-contract-'));
  try {
    const archive = execFileSync('git', ['archive', base, '--', '.'], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    execFileSync('tar', ['-x', '-C', before], { input: archive });
    cpSync(join(root, 'third_party'), join(before, 'third_party'), { recursive: true });
    const buf = spawnSync(join(import.meta.dirname, '../node_modules/.bin/buf'), ['breaking', '--against', before], {
      cwd: root,
      encoding: 'utf8',
    });
    if (buf.status !== 0) throw new Error(`breaks the contract of ${base}:\n${buf.stdout}${buf.stderr}`);
    return `breaking: nothing, compared with ${base}`;
  } finally {
    rmSync(before, { recursive: true, force: true });
  }
}

function baseRevision(root: string): string | undefined {
  const tag = git(root, 'describe', '--tags', '--match', 'proto/v*', '--abbrev=0');
  if (tag) return tag;
  const edited = git(root, 'status', '--porcelain', '--', '.');
  const base = git(root, 'rev-parse', '--short', edited ? 'HEAD' : 'HEAD^');
  return base && git(root, 'ls-tree', base, '--', 'buf.yaml') ? base : undefined;
}

/** What git prints; undefined when it fails, as outside a repository. */
function git(cwd: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
