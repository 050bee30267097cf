import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '@malla/chassis/testing/certificates';

// Writes certificates for server.ts and client.ts, good for a day, into the folder that is named.
const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node examples/certificates.ts <folder>');
mkdirSync(folder, { recursive: true, mode: 0o700 });
const authority = await createAuthority();
for (const service of ['svc-echo', 'svc-stores']) {
  const { ca, cert, key } = await authority.issue(service);
  writeFileSync(join(folder, 'ca.pem'), ca);
  writeFileSync(join(folder, `${service}.pem`), cert);
  writeFileSync(join(folder, `${service}-key.pem`), key, { mode: 0o600 });
}
