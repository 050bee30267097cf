import { readFileSync } from 'node:fs';
import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';

const SERVICE_SAN = /(?:^|, )URI:spiffe:\/\/malla\.local\/([a-z0-9-]+)(?=, |$)/;
/** Identities in the mesh's trust domain that people hold. They get in, and are never a service. */
const PEOPLE: ReadonlySet<string> = new Set(['developer']);

/** A process's identity in the mesh, in PEM. */
export interface MeshTls {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads a process's mesh certificate.
 * @throws Error (of `node:fs`) when a file cannot be read.
 */
export function loadMeshTls(files: { TLS_CA_FILE: string; TLS_CERT_FILE: string; TLS_KEY_FILE: string }): MeshTls {
  const [ca, cert, key] = [files.TLS_CA_FILE, files.TLS_CERT_FILE, files.TLS_KEY_FILE].map((path) =>
    readFileSync(path),
  );
  return { ca, cert, key } as MeshTls;
}

/** A server's credentials: it shows its certificate and lets in nobody without one of the same authority. */
export function serverCredentials(tls: MeshTls): ServerCredentials {
  return ServerCredentials.createSsl(tls.ca, [{ cert_chain: tls.cert, private_key: tls.key }], true);
}

/** A client's credentials. */
export function channelCredentials(tls: MeshTls): ChannelCredentials {
  return credentials.createSsl(tls.ca, tls.key, tls.cert);
}

/**
 * The service that a verified peer certificate names by its SPIFFE id (`spiffe://malla.local/svc-users`); undefined for a
 * certificate that names a person or nobody.
 */
export function serviceOf(subjectAltName: string | undefined): string | undefined {
  const name = SERVICE_SAN.exec(subjectAltName ?? '')?.[1];
  return name === undefined || PEOPLE.has(name) ? undefined : name;
}
