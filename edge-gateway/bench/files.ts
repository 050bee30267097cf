import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mesh } from '@malla/chassis/testing/certificates';

/** The folder of this run's certificates, which the fixture makes and hands down. */
export const FOLDER_VARIABLE = 'BENCH_FOLDER';

/** Where a process of the bench finds its certificate. */
export function readFiles(name: string, folder = process.env[FOLDER_VARIABLE] ?? '') {
  return {
    TLS_CA_FILE: join(folder, `${name}-ca.pem`),
    TLS_CERT_FILE: join(folder, `${name}-cert.pem`),
    TLS_KEY_FILE: join(folder, `${name}-key.pem`),
  };
}

/** Makes the certificate of a process. */
export async function writeFiles(name: string, folder: string): Promise<void> {
  const { ca, cert, key } = await (await mesh).issue(name);
  const files = readFiles(name, folder);
  writeFileSync(files.TLS_CA_FILE, ca);
  writeFileSync(files.TLS_CERT_FILE, cert);
  writeFileSync(files.TLS_KEY_FILE, key, { mode: 0o600 });
}
