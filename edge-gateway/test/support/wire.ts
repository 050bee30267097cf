import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Writes bytes to a TLS port, over TLS or plainly, and reads what comes until the connection closes. */
export function exchange(port: number, ca: Buffer | 'plain', bytes: string | Buffer): Promise<WireAnswer> {
  const socket =
    ca === 'plain'
      ? connectPlain(port, '127.0.0.1')
      : connectTls({ port, host: '127.0.0.1', ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  return new Promise((resolve) => socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString()))));
}

/** A request without a body, whose path goes to the wire as it is. */
export function rawRequest(method: string, path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function parse(text: string): WireAnswer {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines
    .map((line) => line.split(/: (.*)/s))
    .map(([name = '', value = '']) => [name.toLowerCase(), value]);
  return { statusCode: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers), body };
}
