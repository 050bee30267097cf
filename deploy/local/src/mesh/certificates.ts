import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { CertifiedKey, Subject } from './certificate-authority.ts';
import { createAuthority, issue } from './certificate-authority.ts';
import type { ProcessSpec } from './processes.ts';
import type { State } from './state.ts';
import { writeWhole } from './state.ts';

const RENEW_BEFORE_MS = 30 * 86_400_000;
const PUBLIC_FILE = 0o644;

type Place = { readonly certFile: string; readonly keyFile: string };

/** The identity of a process, or of the developer, inside the mesh (SPIFFE ID). */
export const meshUri = (name: string): string => `spiffe://malla.local/${name}`;

const meshSubject = (name: string): Subject => ({
  commonName: name,
  uris: [meshUri(name)],
  dnsNames: [name, 'localhost'],
  addresses: ['127.0.0.1'],
  usages: ['server', 'client'],
});

/** It proves a developer, never a service, and no server may show it. */
const DEVELOPER: Subject = { commonName: 'developer', uris: [meshUri('developer')], usages: ['client'] };

const FRONT_DOOR: Subject = {
  commonName: 'localhost',
  dnsNames: ['localhost'],
  addresses: ['127.0.0.1', '::1'],
  usages: ['server'],
};

/** Makes the authority and every certificate that is missing, says something else, or expires within 30 days. */
export const keepCertificates = async (state: State, processes: readonly ProcessSpec[]): Promise<void> => {
  const authority = await keepAuthority(state);
  const keep = (place: Place, subject: Subject) => keepLeaf(authority, place, subject);
  const ofProcess = (name: string): Place => ({ certFile: state.certFile(name), keyFile: state.keyFile(name) });
  await Promise.all([
    keep({ certFile: state.developerCertFile, keyFile: state.developerKeyFile }, DEVELOPER),
    ...processes.filter(({ kind }) => kind !== 'sandbox').map(({ name }) => keep(ofProcess(name), meshSubject(name))),
    ...processes
      .filter(({ kind }) => kind === 'gateway')
      .map(({ name }) => keep(ofProcess(`${name}-https`), FRONT_DOOR)),
  ]);
};

const keepAuthority = async (state: State): Promise<CertifiedKey> => {
  const place = { certFile: state.caFile, keyFile: state.caKeyFile };
  const found = read(place);
  if (found !== undefined && isFresh(found)) return found;
  const made = await createAuthority('Malla development CA');
  write(place, made);
  return made;
};

const keepLeaf = async (authority: CertifiedKey, place: Place, subject: Subject): Promise<void> => {
  const found = read(place);
  if (found !== undefined && isFresh(found) && isIssuedBy(found, authority) && saysOf(found) === namesOf(subject))
    return;
  write(place, await issue(authority, subject));
};

const read = ({ certFile, keyFile }: Place): CertifiedKey | undefined =>
  existsSync(certFile) && existsSync(keyFile)
    ? { certPem: readFileSync(certFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') }
    : undefined;

/** The key first: without its certificate the pair counts as missing. */
const write = ({ certFile, keyFile }: Place, { certPem, keyPem }: CertifiedKey): void => {
  writeWhole(keyFile, keyPem);
  writeWhole(certFile, certPem, PUBLIC_FILE);
};

const isFresh = ({ certPem }: CertifiedKey): boolean =>
  new X509Certificate(certPem).validToDate.getTime() - Date.now() > RENEW_BEFORE_MS;

const isIssuedBy = ({ certPem }: CertifiedKey, authority: CertifiedKey): boolean =>
  new X509Certificate(certPem).verify(new X509Certificate(authority.certPem).publicKey);

const saysOf = ({ certPem }: CertifiedKey): string => new X509Certificate(certPem).subjectAltName ?? '';

/** As Node writes a subjectAltName. */
const namesOf = ({ uris = [], dnsNames = [], addresses = [] }: Subject): string =>
  [
    ...uris.map((uri) => `URI:${uri}`),
    ...dnsNames.map((name) => `DNS:${name}`),
    ...addresses.map((address) => `IP Address:${address === '::1' ? '0:0:0:0:0:0:0:1' : address}`),
  ].join(', ');
