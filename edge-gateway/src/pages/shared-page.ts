import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A page in one content coding. */
export interface PageForm {
  readonly encoding: 'br' | 'gzip' | undefined;
  readonly bytes: Buffer;
}

/** A page whose bytes all answers share. */
export interface SharedPage {
  /** The page as a client accepts it, by the value of `Accept-Encoding`. */
  form(acceptEncoding: string | undefined): Promise<PageForm>;
}

const CODING = /^(br|gzip)\s*(?:;\s*q\s*=\s*(?:1(?:\.0*)?|0?\.0*[1-9]\d*))?$/i;
/** Good enough for what is compressed once, without holding the first request up for seconds. */
const BROTLI_QUALITY = 6;

/** Holds a page once, and each compressed form from when it is first asked for. */
export function sharedPage(text: string): SharedPage {
  const plain = Promise.resolve<PageForm>({ encoding: undefined, bytes: Buffer.from(text) });
  const forms: { br?: Promise<PageForm>; gzip?: Promise<PageForm> } = {};
  return {
    form: (acceptEncoding = '') => {
      const accepted = acceptEncoding.split(',').map((part) => CODING.exec(part.trim())?.[1]?.toLowerCase());
      const encoding = accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined;
      if (!encoding) return plain;
      forms[encoding] ??= plain.then(async ({ bytes }) => ({ encoding, bytes: await COMPRESS[encoding](bytes) }));
      return forms[encoding];
    },
  };
}

const COMPRESS = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
} as const;
