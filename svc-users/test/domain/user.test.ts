import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { checkProfile, etagOf, isEmail, normalizeEmail, type ProfileFields, User } from '../../src/domain/user.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

describe('An e-mail address', () => {
  it('is the same in upper and lower case', () => {
    assert.equal(normalizeEmail('Ana.B@EXAMPLE.com'), 'ana.b@example.com');
  });

  it('is what the contract takes for one', () => {
    for (const good of ['a@b', 'a.b+c@example.com', `a@${'x'.repeat(63)}.test`]) assert.ok(isEmail(good), good);
  });

  it('is not what only looks like one', () => {
    const bad = [
      '',
      'a',
      '@b',
      'a@',
      'a@b..c',
      'a b@c',
      'ána@example.com',
      '\u212aate@example.com',
      'a\u200b@example.com',
      'a@exampl\u0435.com',
      'a@example.com\n',
      `${'x'.repeat(250)}@b.cd`,
    ];
    for (const text of bad) assert.ok(!isEmail(text), JSON.stringify(text));
  });
});

describe('A profile', () => {
  it('takes good values, and empty ones for what may be left open', () => {
    checkProfile({ displayName: '李', locale: 'es-MX', timeZone: 'America/Mexico_City' }, '');
    checkProfile({ locale: '', timeZone: '', pictureUrl: '' }, '');
  });

  it('needs a name that can be seen', () => {
    for (const displayName of ['', ' ', '\u00a0', '\u200b', '\u2060\ufeff', '\u3164', '\u2800', '\u202e']) {
      assert.deepEqual(faults({ displayName }), ['user.display_name'], JSON.stringify(displayName));
    }
    for (const displayName of ['.', '👩‍🚀', 'e\u0301']) assert.deepEqual(faults({ displayName }), []);
  });

  it('names everything that is wrong at once', () => {
    assert.deepEqual(faults({ displayName: '', locale: 'es-x', timeZone: 'Mars/Base' }), [
      'user.display_name',
      'user.locale',
      'user.time_zone',
    ]);
  });

  it('is changed when the etag is the one it has, or none is given', () => {
    const user = new User('usr_1', null, 'Ana', NOW);
    user.updateProfile({ displayName: 'Bea' }, '', NOW);
    user.updateProfile({ displayName: 'Cleo' }, etagOf(user), NOW);
    assert.equal(user.displayName, 'Cleo');
    assert.throws(
      () => user.updateProfile({ displayName: 'Dora' }, 'v2', NOW),
      (error: unknown) => error instanceof DomainError && error.reason === 'ETAG_MISMATCH',
    );
    assert.equal(user.displayName, 'Cleo');
  });
});

function faults(changes: Partial<ProfileFields>): string[] {
  try {
    checkProfile(changes, 'user.');
    return [];
  } catch (error) {
    assert.ok(error instanceof DomainError);
    return (error.details.fields ?? []).map(({ field }) => field);
  }
}
