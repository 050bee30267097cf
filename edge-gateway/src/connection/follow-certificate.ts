import type { Server } from 'node:tls';
import { type Pems, watchPems } from '@malla/chassis/certificate-files';
import type { Config } from '../config.ts';

/**
 * Has new connections shown what is in the certificate's files by then. Connections that are open stay as they are.
 * @param shown what the server shows now.
 * @returns how to stop.
 */
export function followCertificate(server: Pick<Server, 'setSecureContext'>, config: Config, shown: Pems): () => void {
  const files = { cert: config.HTTPS_CERT_FILE, key: config.HTTPS_KEY_FILE };
  return watchPems(files, shown, ({ cert, key }) => server.setSecureContext({ cert, key }));
}
