import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const CA_DAYS = 730;
const LEAF_DAYS = 90;

/** A certificate and its private key (PKCS #8), both PEM. */
export type CertifiedKey = { readonly certPem: string; readonly keyPem: string };

/** What a certificate says of its holder, and what it may be used for. */
export type Subject = {
  readonly commonName: string;
  readonly uris?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  readonly usages: readonly ('server' | 'client')[];
};

/** A new authority for the certificates of one mesh, valid for two years. */
export const createAuthority = async (commonName: string): Promise<CertifiedKey> => {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    ...validity(CA_DAYS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return toPem(certificate, keys.privateKey);
};

/** A certificate signed by the authority (RFC 5280), valid for 90 days. */
export const issue = async (authority: CertifiedKey, subject: Subject): Promise<CertifiedKey> => {
  const keys = await newKeys();
  const issuer = new X509Certificate(authority.certPem);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [subject.commonName] }],
    issuer: issuer.subject,
    ...validity(LEAF_DAYS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    extensions: [...leafExtensions(subject), await AuthorityKeyIdentifierExtension.create(issuer.publicKey)],
  });
  return toPem(certificate, keys.privateKey);
};

const leafExtensions = (subject: Subject): Extension[] => [
  new BasicConstraintsExtension(false, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension(
    subject.usages.map((usage) => (usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth)),
  ),
  new SubjectAlternativeNameExtension([
    ...(subject.uris ?? []).map((value) => ({ type: 'url' as const, value })),
    ...(subject.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(subject.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ]),
];

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const importKey = (keyPem: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(keyPem), ALGORITHM, false, ['sign']);

/** An hour back, for clocks that differ. */
const validity = (days: number) => ({
  notBefore: new Date(Date.now() - 3_600_000),
  notAfter: new Date(Date.now() + days * DAY_MS),
});

const toPem = async (certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<CertifiedKey> => ({
  certPem: `${certificate.toString('pem')}\n`,
  keyPem: `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), PemConverter.PrivateKeyTag)}\n`,
});
