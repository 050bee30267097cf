import { readFileSync } from 'node:fs';
import { type ChannelCredentials, credentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import { certificateProvider } from './certificate-files.ts';

const SERVICE_URI = /^URI:spiffe:\/\/malla\.local\/([a-z0-9-]+)$/;
/** Identities in the mesh's trust domain that people hold. They get in, and are never a service. */
const PEOPLE: ReadonlySet<string> = new Set(['developer']);

/** A process's identity in the mesh, in PEM. */
export interface MeshTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The same, read from files that are followed: new connections use what is there then. */
export interface FollowedMeshTls extends MeshTls {
  readonly provider: experimental.CertificateProvider;
}

/**
 * Reads a process's mesh certificate, and follows its files from then on.
 * @param pollMs from one look at the files to the next, in milliseconds. Default: 10 seconds.
 * @throws Error (of `node:fs`) when a file cannot be read.
 */
export function loadMeshTls(
  files: { TLS_CA_FILE: string; TLS_CERT_FILE: string; TLS_KEY_FILE: string },
  pollMs?: number,
): FollowedMeshTls {
  const paths = { ca: files.TLS_CA_FILE, cert: files.TLS_CERT_FILE, key: files.TLS_KEY_FILE };
  const pems = { ca: readFileSync(paths.ca), cert: readFileSync(paths.cert), key: readFileSync(paths.key) };
  return { ...pems, provider: certificateProvider(paths, pems, pollMs) };
}

/** A server's credentials: it shows its certificate and lets in nobody without one of the same authority. */
export function serverCredentials(tls: MeshTls): ServerCredentials {
  const provider = 'provider' in tls ? (tls as FollowedMeshTls).provider : undefined;
  if (provider) return experimental.createCertificateProviderServerCredentials(provider, provider, true);
  return ServerCredentials.createSsl(tls.ca, [{ cert_chain: tls.cert, private_key: tls.key }], true);
}

/** A client's credentials. */
export function channelCredentials(tls: MeshTls): ChannelCredentials {
  const provider = 'provider' in tls ? (tls as FollowedMeshTls).provider : undefined;
  if (provider) return experimental.createCertificateProviderChannelCredentials(provider, provider);
  return credentials.createSsl(tls.ca, tls.key, tls.cert);
}

/**
 * The service that a verified peer certificate names by its SPIFFE id (`spiffe://malla.local/svc-users`); undefined for a
 * certificate that names a person or nobody, or more than one URI (X509-SVID, section 2).
 * @param subjectAltName as Node.js prints it. It quotes names that hold a comma: none of ours, so such a list is refused.
 */
export function serviceOf(subjectAltName: string | undefined): string | undefined {
  if (!subjectAltName || subjectAltName.includes('"')) return undefined;
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'));
  const name = uris.length === 1 ? SERVICE_URI.exec(uris[0] as string)?.[1] : undefined;
  return name === undefined || PEOPLE.has(name) ? undefined : name;
}
