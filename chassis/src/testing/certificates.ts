import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { MeshTls } from '../identity/tls.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

interface Names {
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
}

/** A certificate authority for tests: it lives as long as they do, in memory. Needs the optional peers x509 and reflect-metadata. */
export interface Authority {
  /** A certificate as the mesh gives its services: `svc-users`, `developer`. */
  issue(service: string): Promise<MeshTls>;
  /** A certificate with any names. */
  issueFor(names: Names): Promise<MeshTls>;
}

export async function createAuthority(): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test CA',
    ...validity(),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 1, true)],
  });
  const issueFor = (names: Names) => issue(certificate, keys.privateKey, names);
  return {
    issueFor,
    issue: (service) => issueFor({ dns: [service, 'localhost'], uris: [`spiffe://malla.local/${service}`] }),
  };
}

/** The authority that the tests' mesh trusts. */
export const mesh = createAuthority();

async function issue(
  ca: X509Certificate,
  caKey: webcrypto.CryptoKey,
  { dns = [], uris = [] }: Names,
): Promise<MeshTls> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=test',
    issuer: ca.subject,
    ...validity(),
    signingKey: caKey,
    publicKey: keys.publicKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new SubjectAlternativeNameExtension([
        ...dns.map((value) => ({ type: 'dns' as const, value })),
        ...uris.map((value) => ({ type: 'url' as const, value })),
        { type: 'ip' as const, value: '127.0.0.1' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    ca: Buffer.from(ca.toString('pem')),
    cert: Buffer.from(certificate.toString('pem')),
    key: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}
