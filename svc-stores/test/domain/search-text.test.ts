import assert from 'node:assert/strict';
import {
  asksForNothing,
  parseTextQuery,
  splitQuery,
  toNeedles,
  toParts,
  toSearchText,
} from '../../src/domain/search-text.ts';

describe('toSearchText', () => {
  it('marks words, in lower case and without Latin accents', () => {
    assert.deepEqual(toSearchText('Café, TV-stand!', "don't"), {
      words: ' cafe__ tv__ stand__ don__ t__ ',
      ngrams: '',
    });
  });

  it('keeps marks that make another letter of one', () => {
    assert.equal(toSearchText('Йод').words, ' йод__ ');
    assert.equal(toSearchText('がく').ngrams, 'がく_');
  });

  it('keeps scripts without spaces apart', () => {
    assert.deepEqual(toSearchText('苹果手机 case', 'iphone15手机'), {
      words: ' case__ iphone15__ ',
      ngrams: '苹果手机_ 手机_',
    });
    assert.equal(toSearchText('สวัสดี').ngrams, 'สวัสดี_');
  });

  it('finds nothing in a text without letters and symbols', () => {
    assert.deepEqual(toSearchText('', '!?—'), { words: '', ngrams: '' });
  });
});

describe('toParts', () => {
  it('has words, pairs of characters and symbols, each once and no more than 1,500', () => {
    assert.deepEqual(toParts('Mug mug 手机壳 🧢 C++'), ['mug', '🧢', 'c', '+', '手机', '机壳']);
    assert.equal(toParts(Array.from({ length: 2_000 }, (_, at) => `w${at}`).join(' ')).length, 1_500);
  });
});

describe('parseTextQuery', () => {
  const needles = (query: string) => toNeedles(parseTextQuery(query) ?? { words: [], runs: [] });

  it('requires every word, whole or as a beginning', () => {
    assert.deepEqual(needles('Red SHIR*'), { words: [' red__ ', ' shir'], runs: [] });
  });

  it('looks for twenty words at the most', () => {
    assert.equal(needles(Array.from({ length: 50 }, (_, at) => `w${at}`).join(' ')).words.length, 20);
  });

  it('asks for nothing without a word or a symbol, and for everything only when it is empty', () => {
    for (const query of ['', '  ']) assert.equal(parseTextQuery(query), undefined);
    for (const query of ['!!!', '***', '—', '()"@_']) {
      const parsed = parseTextQuery(query);
      assert.ok(parsed && asksForNothing(parsed), query);
    }
  });

  it('asks for symbols where there are no words', () => {
    assert.deepEqual(splitQuery(parseTextQuery('🧢') as never).parts, ['🧢']);
    assert.deepEqual(splitQuery(parseTextQuery('++') as never).parts, ['+']);
    assert.deepEqual(splitQuery(parseTextQuery('salt + pepper') as never).parts, ['salt', 'pepper']);
  });

  it('leaves to the texts what has no posting', () => {
    const { parts, left } = splitQuery(parseTextQuery('手机壳 茶 case sm*') as never);
    assert.deepEqual(parts, ['case', '手机', '机壳']);
    assert.deepEqual(left, { words: [{ text: 'sm', prefix: true }], runs: ['手机壳', '茶'] });
  });
});
