import assert from 'node:assert/strict';
import { parseTextQuery, toBooleanRuns, toBooleanWords, toSearchText } from '../../src/domain/search-text.ts';

describe('toSearchText', () => {
  it('marks words, in lower case and without Latin accents', () => {
    assert.deepEqual(toSearchText('Café, TV-stand!', "don't"), {
      words: ' cafe__ tv__ stand__ don__ t__ ',
      ngrams: '',
    });
  });

  it('keeps accents of other scripts, which are letters there', () => {
    assert.equal(toSearchText('Йод').words, ' йод__ ');
  });

  it('keeps scripts without spaces apart', () => {
    assert.deepEqual(toSearchText('苹果手机 case', 'iphone15手机'), {
      words: ' case__ iphone15__ ',
      ngrams: '苹果手机_ 手机_',
    });
    assert.equal(toSearchText('สวัสดี').ngrams, 'สวัสดี_');
  });

  it('finds nothing in a text without letters', () => {
    assert.deepEqual(toSearchText('', '!?—'), { words: '', ngrams: '' });
  });
});

describe('parseTextQuery', () => {
  const boolean = (query: string) => {
    const parsed = parseTextQuery(query);
    return parsed && [toBooleanWords(parsed), toBooleanRuns(parsed)];
  };

  it('requires every word, whole or as a beginning', () => {
    assert.deepEqual(boolean('Red SHIR*'), ['+red__ +shir*', '']);
  });

  it('requires runs as phrases, and a single character as the beginning of a pair', () => {
    assert.deepEqual(boolean('手机 茶 case'), ['+case__', '+"手机" +茶*']);
  });

  it('lets no operator through', () => {
    assert.deepEqual(boolean('+a -b ~c (d) "e" <f >g @h'), ['+a__ +b__ +c__ +d__ +e__ +f__ +g__ +h__', '']);
    for (const query of ['', '***', '+-~"()<>@', '_', '__']) assert.equal(boolean(query), undefined, query);
  });

  it('looks for twenty words at the most', () => {
    const [words = ''] = boolean(Array.from({ length: 50 }, (_, at) => `w${at}`).join(' ')) ?? [];
    assert.equal(words.split(' ').length, 20);
  });
});
