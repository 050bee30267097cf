/** A request that no honest client sends. */
export interface HostileRequest {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Buffer;
  /** Whether the URL must reach the wire as it is. */
  readonly raw?: true;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Requests that must all be refused with a 4xx, whatever they try. */
export function hostileRequests(): HostileRequest[] {
  return [...bodies(), ...fields(), ...paths(), ...queries(), ...methods(), ...mediaTypes(), ...headers()];
}

function post(name: string, url: string, body: string | Buffer, more: Record<string, string> = {}): HostileRequest {
  return { name: `${name} to ${url}`, method: 'POST', url, headers: { ...JSON_HEADERS, ...more }, body };
}

function bodies(): HostileRequest[] {
  const deep = (open: string, close: string, levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
  const texts: Readonly<Record<string, string | Buffer>> = {
    nothing: ' ',
    'half an object': '{"email":',
    'an array': '[]',
    'a string': '"x"',
    'a number': '1',
    null: 'null',
    'two values': '{}{}',
    'single quotes': "{'email':'a'}",
    'a trailing comma': '{"email":"a",}',
    'a comment': '{/**/}',
    NaN: '{"email":NaN}',
    'a lone surrogate': '{"email":"\\ud800"}',
    'a huge number': '{"email":1e999}',
    'many digits': `{"email":${'9'.repeat(10_000)}}`,
    'a name twice': '{"email":"a@b.c","email":"d@e.f"}',
    __proto__: '{"__proto__":{"admin":true}}',
    'an escaped __proto__': '{"\\u005f\\u005fproto__":{"admin":true}}',
    'constructor.prototype': '{"constructor":{"prototype":{"admin":true}}}',
    'deep arrays': deep('[', ']', 100_000),
    'deep objects': deep('{"a":', '}', 50_000),
    'deep arrays that never end': '['.repeat(500_000),
    'a byte order mark': '\ufeff{}',
    'UTF-16': Buffer.from('{}', 'utf16le'),
    'bad UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    'overlong UTF-8': Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
    'UTF-8 of a surrogate': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    'a zero byte': '{"email":"a\0"}',
    '10 MB': `{"email":"${'a'.repeat(10_000_000)}"}`,
    '10 MB of white space': ' '.repeat(10_000_000),
    'a million empty objects': `[${'{},'.repeat(300_000)}{}]`,
    XML: '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    'a form': 'email=a&password=b',
  };
  const urls = ['/v1/users/register', '/v1/users/login'];
  return urls.flatMap((url) => Object.entries(texts).map(([name, body]) => post(name, url, body)));
}

function fields(): HostileRequest[] {
  const values: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e308,
    [],
    {},
    [[]],
    { $ne: null },
    '',
    '\u0000',
    'x'.repeat(300),
    'a@',
    '💣',
  ];
  const good = { email: 'a@example.com', password: 'long enough', display_name: 'A' };
  const register = values.flatMap((value) =>
    Object.keys(good)
      .filter((field) => field !== 'display_name' || (value !== '💣' && value !== 'a@'))
      .map((field) =>
        post(`${field} ${shown(value)}`, '/v1/users/register', JSON.stringify({ ...good, [field]: value })),
      ),
  );
  const unknown = ['admin', 'user_id', 'Email', 'email ', 'e.mail', 'toString', 'hasOwnProperty', '$where', ''];
  const things: readonly [string, unknown][] = [
    ['a 32-bit integer too large', { from: 2 ** 31 }],
    ['a 64-bit integer too large', { number: '9223372036854775808' }],
    ['an inexact integer', { numbers: { total: 2 ** 80 } }],
    ['digits without end', { number: '9'.repeat(100_000) }],
    ['a float too large', { numbers: { ratio: 1e300 } }],
    ['an unknown enum', { color: 'toString' }],
    ['an enum as __proto__', { anyColor: '__proto__' }],
    ['a time that is none', { createTime: '9999-99-99T99:99:99Z' }],
    ['a time before time', { createTime: '0000-01-01T00:00:00Z' }],
    ['a duration too long', { lifetime: '999999999999999s' }],
    ['bytes that are none', { data: '!!!!' }],
    ['an Any of nothing', { any: { '@type': '' } }],
    ['an Any of what is not known', { any: { '@type': 'http://evil.test/evil.Message' } }],
    [
      'an Any of an Any of …',
      { any: nested((value) => ({ '@type': 'type.googleapis.com/google.protobuf.Any', value }), 40) },
    ],
    ['a message 99 levels deep', nested((child) => ({ child }), 98)],
    ['a list too long', { tags: Array.from({ length: 100_000 }, (_, index) => String(index)) }],
    [
      'a map too large',
      { labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, ''])) },
    ],
    ['keys of another type', { counts: { a: 1, '1.5': 1, ' 1': 1 } }],
    ['every member of a oneof', { text: '', number: 0, part: { name: 'x' } }],
    [
      'unknown fields without end',
      Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index])),
    ],
  ];
  return [
    ...register,
    ...unknown.map((name) =>
      post(`unknown field ${JSON.stringify(name)}`, '/v1/users/login', JSON.stringify({ ...good, [name]: 1 })),
    ),
    ...things.map(([name, value]) => post(name, '/v1/testing/things', JSON.stringify(value))),
  ];
}

function nested(wrap: (inner: unknown) => unknown, levels: number): unknown {
  let value: unknown = { nope: 1 };
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

function shown(value: unknown): string {
  return JSON.stringify(value).slice(0, 20);
}

function paths(): HostileRequest[] {
  const urls = [
    '/v1/testing/echo/%2e%2e',
    '/v1/testing/echo/..',
    '/v1/testing/echo/.',
    '/v1/testing/echo/%00',
    '/v1/testing/echo/a%00b',
    '/v1/testing/echo/%0d%0aSet-Cookie:a=b',
    '/v1/testing/echo/%',
    '/v1/testing/echo/%f',
    '/v1/testing/echo/%zz',
    '/v1/testing/echo/%ff',
    '/v1/testing/echo/%c0%ae%c0%ae',
    '/v1/testing/echo/%ed%a0%80',
    '/v1/testing/echo/a/../../users/me',
    '/v1/testing/echo/%2e%2e%2fusers%2fme/x',
    '/v1/testing/files/../../../etc/passwd',
    '/v1/testing/files/%2e%2e/%2e%2e/etc/passwd',
    '/v1/../v1/testing/echo/a',
    '//v1/testing/echo/a',
    '/v1//testing/echo/a',
    '/v1/testing/echo/a/',
    '/V1/testing/echo/a',
    '/v1/testing/echo/',
    '/v1/testing/echo',
    '/v1;a=b/testing/echo/a',
    '/v1/testing%2fecho/a',
    '/v1\\testing\\echo\\a',
    '/\\evil.test/a',
    '//evil.test/a',
    '/.env',
    '/.git/config',
    '/wp-login.php',
    '/healthz/',
    '/healthz%00',
    '/-/1',
    '/%2d/1',
    '/__proto__',
    '/constructor',
    `/${'a'.repeat(8_000)}`,
    `/${'a/'.repeat(4_000)}`,
    `/v1/testing/echo/${'%41'.repeat(2_000)}`,
    `/v1/testing/things/${'%2f'.repeat(2_000)}`,
    '/v1/users/me/sessions',
    '/v1/testing/stores//products/b',
    '/v1/testing/stores/a/products/',
    '/malla.users.v1.UsersService/Login',
  ];
  return urls.map((url) => ({ name: `path ${url.slice(0, 60)}`, method: 'GET', url, headers: {}, raw: true }));
}

function queries(): HostileRequest[] {
  const texts = [
    'x=1',
    'pageSize=x',
    'pageSize=1e9',
    'pageSize=1.5',
    'pageSize=-1',
    'pageSize=99999999999999999999',
    'pageSize=0x10',
    'pageSize=%00',
    'pageSize=1&page_size=1',
    'pageSize[]=1',
    'pageSize[a]=1',
    '__proto__[a]=1',
    '__proto__.a=1',
    'constructor.prototype.a=1',
    'filter=%7B%7D',
    'filter.not=1',
    'filter..ratio=1',
    '.filter=1',
    'filter.=1',
    'filter.flag=TRUE',
    'filter.colors=1e3',
    'filter.createTimeAfter=now()',
    'readMask=a,,b',
    'part=%7B%22name%22%3A%22x%22%7D',
    'a=%',
    'a=%ff',
    '%=a',
    'filter.minWeight=9223372036854775808',
    `${'filter.not.'.repeat(700)}x=1`,
    `x=${'a'.repeat(10_000)}`,
    Array.from({ length: 2_000 }, (_, index) => `x${index}=`).join('&'),
    Array.from({ length: 2_000 }, () => 'pageSize=1').join('&'),
  ];
  return texts.map((text) => ({
    name: `query ${text.slice(0, 60)}`,
    method: 'GET',
    url: `/v1/testing/things?${text}`,
    headers: {},
  }));
}

function methods(): HostileRequest[] {
  const wrong = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'PROPFIND', 'SEARCH', 'QUERY'];
  const withoutBody = wrong.map((method) => ({ name: `${method} login`, method, url: '/v1/users/login', headers: {} }));
  const overrides = ['x-http-method-override', 'x-method-override', 'x-http-method'].map((name) => ({
    name: `GET login with ${name}`,
    method: 'GET',
    url: '/v1/users/login',
    headers: { [name]: 'POST' },
  }));
  const pages = ['POST', 'PUT', 'DELETE', 'PATCH'].map((method) => ({
    name: `${method} /healthz`,
    method,
    url: '/healthz',
    headers: {},
  }));
  return [...withoutBody, ...overrides, ...pages];
}

function mediaTypes(): HostileRequest[] {
  const types = [
    'text/plain',
    'text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/grpc',
    'application/x-protobuf',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json, text/plain',
    'json',
    '*/*',
    '__proto__',
  ];
  const body = '{"email":"a@example.com","password":"x"}';
  const encodings = ['gzip', 'br', 'deflate', 'compress', 'identity, gzip', 'x'].map((encoding) =>
    post(`Content-Encoding ${encoding}`, '/v1/users/login', body, { 'content-encoding': encoding }),
  );
  return [
    ...types.map((type) => post(`Content-Type ${type}`, '/v1/users/login', body, { 'content-type': type })),
    ...encodings,
  ];
}

function headers(): HostileRequest[] {
  const get = (name: string, more: Record<string, string>, url = '/v1/users/me'): HostileRequest => ({
    name: `header ${name}`,
    method: 'GET',
    url,
    headers: more,
  });
  return [
    get('X-Forwarded-For in place of a token', { 'x-forwarded-for': '127.0.0.1' }),
    get('X-User-Id in place of a token', { 'x-user-id': 'usr_1', 'x-origin-address': '127.0.0.1' }),
    get('Cookie in place of a token', { cookie: 'access_token=a.b.c' }),
    get('a token in the query', {}, '/v1/users/me?access_token=a.b.c'),
    get('Authorization without a scheme', { authorization: 'a.b.c' }),
    get('Authorization of a megabyte', { authorization: `Bearer ${'a'.repeat(1_000_000)}` }),
    get('Authorization of nonsense', { authorization: 'Bearer ü' }),
    get('Accept of what there is not', { accept: 'text/html' }, '/v1/testing/echo/a'),
    get('Accept that excludes all', { accept: '*/*;q=0' }, '/v1/testing/echo/a'),
    { ...get('If-Match of a list', { 'if-match': '"a","b"' }, '/v1/testing/things/a'), method: 'DELETE' },
    { ...get('If-Match of nonsense', { 'if-match': 'a' }, '/v1/testing/things/a'), method: 'DELETE' },
    get('a body where there is none', { 'content-length': '5' }, '/v1/testing/echo/a'),
    post('Content-Length that lies', '/v1/users/login', '{}', { 'content-length': '1000' }),
  ];
}
