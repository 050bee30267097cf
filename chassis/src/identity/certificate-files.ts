import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';

/** What TLS needs, in PEM. */
export interface Pems {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** Where they are. */
export type PemFiles = { readonly [Name in keyof Pems]: string };

type Provider = experimental.CertificateProvider;

const POLL_MS = 10_000;

/**
 * Reads certificates again from their files, and hands them over when they have changed and fit each other: what is half
 * written, or gone, is passed over until it is whole, and the last good ones stay in force. A warning of Node says so.
 * @param pollMs from one look to the next, in milliseconds. Default: 10 seconds.
 * @returns how to stop.
 */
export function watchPems(
  files: PemFiles,
  known: Pems,
  changed: (pems: Pems) => void,
  pollMs: number = POLL_MS,
): () => void {
  let last = known;
  let warned = false;
  const look = async () => {
    try {
      const pems = await readPems(files);
      if (isSame(pems, last)) return;
      createSecureContext({ ...pems });
      changed(pems);
      [last, warned] = [pems, false];
    } catch {
      if (!warned) process.emitWarning('the files of a certificate have changed and cannot be used');
      warned = true;
    }
  };
  let timer: NodeJS.Timeout;
  let stopped = false;
  const lookAgain = () => {
    timer = setTimeout(() => void look().then(() => stopped || lookAgain()), pollMs).unref();
  };
  lookAgain();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function readPems(files: PemFiles): Promise<Pems> {
  const [cert, key, ca] = await Promise.all([
    readFile(files.cert),
    readFile(files.key),
    files.ca === undefined ? undefined : readFile(files.ca),
  ]);
  return { cert, key, ...(ca && { ca }) };
}

function isSame(a: Pems, b: Pems): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key) && (a.ca ?? a.key).equals(b.ca ?? b.key);
}

/** Gives grpc-js certificates that follow their files, for as long as a server or a channel listens. */
export function certificateProvider(files: PemFiles, first: Required<Pems>, pollMs?: number): Provider {
  const ca = new Set<experimental.CaCertificateUpdateListener>();
  const identity = new Set<experimental.IdentityCertificateUpdateListener>();
  let current: Pems = first;
  let stop: (() => void) | undefined;
  const tell = () => {
    for (const listener of ca) listener({ caCertificate: current.ca ?? first.ca });
    for (const listener of identity) listener({ certificate: current.cert, privateKey: current.key });
  };
  const listen = <Listener>(listeners: Set<Listener>, listener: Listener, first: () => void) => {
    listeners.add(listener);
    stop ??= watchPems(
      files,
      current,
      (pems) => {
        current = pems;
        tell();
      },
      pollMs,
    );
    process.nextTick(first);
  };
  const leave = <Listener>(listeners: Set<Listener>, listener: Listener) => {
    listeners.delete(listener);
    if (ca.size + identity.size > 0) return;
    stop?.();
    stop = undefined;
  };
  return {
    addCaCertificateListener: (one) => listen(ca, one, () => one({ caCertificate: current.ca ?? first.ca })),
    removeCaCertificateListener: (one) => leave(ca, one),
    addIdentityCertificateListener: (one) =>
      listen(identity, one, () => one({ certificate: current.cert, privateKey: current.key })),
    removeIdentityCertificateListener: (one) => leave(identity, one),
  };
}
