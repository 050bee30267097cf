import assert from 'node:assert/strict';
import { PathTemplateError, parsePathTemplate } from '../../../src/transcoding/routing/path-template.ts';

describe('parsePathTemplate', () => {
  it('reads literals, wildcards, variables and a verb', () => {
    assert.deepEqual(parsePathTemplate('/v1/*/{a.b=stores/*/products/*}/{c}:cancel'), {
      text: '/v1/*/{a.b=stores/*/products/*}/{c}:cancel',
      segments: [
        { kind: 'literal', text: 'v1' },
        { kind: 'one' },
        { kind: 'literal', text: 'stores' },
        { kind: 'one' },
        { kind: 'literal', text: 'products' },
        { kind: 'one' },
        { kind: 'one' },
      ],
      variables: [
        { fieldPath: 'a.b', start: 2, end: 6, multiSegment: true },
        { fieldPath: 'c', start: 6, end: 7, multiSegment: false },
      ],
      verb: 'cancel',
    });
  });

  it('lets ** capture the rest', () => {
    const { variables } = parsePathTemplate('/v1/{path=files/**}:read');
    assert.deepEqual(variables, [{ fieldPath: 'path', start: 1, end: undefined, multiSegment: true }]);
  });

  it('decodes literals', () => {
    assert.deepEqual(parsePathTemplate('/a%20b/.well-known').segments, [
      { kind: 'literal', text: 'a b' },
      { kind: 'literal', text: '.well-known' },
    ]);
  });

  const wrong: Readonly<Record<string, RegExp>> = {
    '': /lacks "\/" before "its end"/,
    v1: /lacks "\/" before "v1"/,
    '/': /lacks a name before "its end"/,
    '/v1/': /lacks a name before "its end"/,
    '/v1//a': /lacks a name before "\/"/,
    '/v1/{a': /lacks "}" before "its end"/,
    '/v1/{a}}': /does not end before "}"/,
    '/v1/{}': /lacks a name before "}"/,
    '/v1/{a-b}': /names no field by "a-b"/,
    '/v1/{a.}': /names no field by "a\."/,
    '/v1/{a=}': /lacks a name before "}"/,
    '/v1/{a={b}}': /lacks a name before "{"/,
    '/v1/**/x': /has segments after "\*\*"/,
    '/v1/{a=**}/x': /has segments after "\*\*"/,
    '/v1/{a}/{a}': /sets a field twice/,
    '/v1/a:': /lacks a name before "its end"/,
    '/v1/a:b:c': /does not end before ":c"/,
    '/v1/a:b/c': /does not end before "\/c"/,
    '/v1/%zz': /wrong percent-encoding in "%zz"/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parsePathTemplate(text),
        (error) => {
          assert.ok(error instanceof PathTemplateError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
