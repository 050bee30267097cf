import { RE2JS } from '@bufbuild/re2';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';

const BY_FORMAT: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  hostname: 'shop.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/lamp.png',
  'uri-reference': '/lamp.png',
  uuid: '01936e5c-7b1a-7c3e-9f00-0123456789ab',
  byte: 'AQI=',
  int64: '42',
  uint64: '42',
  'date-time': '2026-01-31T12:00:00Z',
  'google-duration': '1.500s',
  'google-fieldmask': '',
};

/** Words that most patterns take one of. */
const WORDS = [
  'example',
  'an-example',
  'Example',
  'EUR',
  'EU',
  'en',
  'Europe/Berlin',
  'key=value',
  '+4930123456',
  '42',
];

/** A text that a schema takes. Whether it obeys rules that the schema does not tell is for others to see. */
export function exampleText({ format, pattern, minLength = 0, maxLength = 100 }: JsonSchema): string {
  const known = BY_FORMAT[format ?? ''];
  if (known !== undefined) return known;
  const fits = (text: string) =>
    text.length >= minLength && text.length <= maxLength && (!pattern || matches(pattern, text));
  const long = 'example '.repeat(Math.ceil(minLength / 8)).slice(0, minLength);
  return [...WORDS, long].find(fits) ?? textFor(pattern ?? '', minLength);
}

const TOKEN = /\\x[0-9a-f]{2}|\\.|\[(?:\\.|[^\]])*\]|[^\\]/giu;
const QUANTIFIER = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})/;

/** The shortest text of a pattern that is a sequence of characters and classes, each of them repeated or not. */
function textFor(pattern: string, minLength: number): string {
  let text = '';
  let rest = pattern.replace(/^\^|\$$/g, '');
  for (let token = rest.match(TOKEN)?.[0]; token; token = rest.match(TOKEN)?.[0]) {
    rest = rest.slice(token.length);
    const [quantifier = '', count] = QUANTIFIER.exec(rest) ?? [];
    rest = rest.slice(quantifier.length);
    const least = quantifier === '*' || quantifier === '?' ? 0 : Number(count ?? 1);
    text += characterOf(token).repeat(
      rest === '' && quantifier !== '' ? Math.max(least, minLength - text.length) : least,
    );
  }
  return text;
}

function characterOf(token: string): string {
  const pattern = `^${'.()|'.includes(token) ? `\\${token}` : token}$`;
  return ['0', '1', 'a', 'A', token.replace('\\', '')].find((character) => matches(pattern, character)) ?? '';
}

/** Patterns are RE2's. A part of one may be none by itself. */
function matches(pattern: string, text: string): boolean {
  try {
    return RE2JS.compile(pattern).test(text);
  } catch {
    return false;
  }
}
