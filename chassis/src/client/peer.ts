import type { ServerUnaryCall } from '@grpc/grpc-js';
import { serviceOf } from '../identity/tls.ts';

/** Who is at the other end of a connection. */
export interface Peer {
  /** The service that the certificate names; undefined for a developer. */
  readonly service: string | undefined;
  /** The IP address. */
  readonly address: string;
}

/** What grpc-js tells about the other end of a call. */
export interface CertifiedCall {
  getPeer(): string;
  getAuthContext: ServerUnaryCall<unknown, unknown>['getAuthContext'];
}

const NOBODY: Peer = { service: undefined, address: 'unknown' };

const known = new WeakMap<object, Peer>();

/**
 * Who makes a call; nobody, when the connection is gone already. Looked up once for each connection: grpc-js reads the
 * certificate anew each time, which is slow.
 */
export function peerOf(call: CertifiedCall): Peer {
  const connection = connectionOf(call);
  const remembered = connection && known.get(connection);
  if (remembered) return remembered;
  try {
    const subjectAltName = call.getAuthContext()?.sslPeerCertificate?.subjectaltname;
    const peer = { service: serviceOf(subjectAltName), address: call.getPeer().replace(/:\d+$/, '') };
    if (connection) known.set(connection, peer);
    return peer;
  } catch {
    return NOBODY;
  }
}

/** The HTTP/2 session of a call, which grpc-js keeps to itself. Without it we are slower, not wrong. */
function connectionOf(call: object): object | undefined {
  const { call: inner } = call as { call?: { stream?: { session?: object } } };
  return inner?.stream?.session;
}
