import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Agent } from 'undici';

/** What is attacked, and as whom. */
export interface Target {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** Of the owner of a store. */
  readonly ownerToken: string;
  readonly storeId: string;
  /** Of a user without a store. */
  readonly strangerToken: string;
}

/** Stops an attack. */
export type Stop = () => void;
export type Attack = (target: Target, count: (event: string) => void) => Stop;

/** The one address of 127.0.0.0/8 from which all attacks come; tests buy from another. */
export const ATTACKER = '127.0.0.3';

/** Opens a connection from the attacker's address. @param ALPNProtocols what to speak; HTTP/1.1 without */
export function open({ port, ca }: Target, ...ALPNProtocols: string[]): TLSSocket {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress: ATTACKER }).on('error', () => undefined);
  return connect({ socket, ca, servername: 'localhost', ALPNProtocols }).on('error', () => undefined);
}

/** Speaks HTTP/1.1 over at most `connections`. */
export function agent({ ca }: Target, connections: number): Agent {
  return new Agent({ connections, allowH2: false, connect: { ca, localAddress: ATTACKER, family: 4 } });
}
