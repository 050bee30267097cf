import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { externalSubject } from '../../src/domain/external-subject.ts';

const ISSUER = 'https://tenant.auth0.test/';
const NAMESPACE = 'https://malla.test/';

describe('An external subject', () => {
  it('is read from claims under the namespace first, and from OpenID Connect’s own else', () => {
    const own = { sub: 'auth0|1', name: 'Ana', email: 'ana@example.com', email_verified: true };
    assert.deepEqual(externalSubject(ISSUER, own, NAMESPACE), {
      issuer: ISSUER,
      subject: 'auth0|1',
      verifiedEmail: 'ana@example.com',
      name: 'Ana',
      pictureUrl: undefined,
    });
    const namespaced = { ...own, [`${NAMESPACE}name`]: 'Bea', [`${NAMESPACE}picture`]: 'https://example.com/b.png' };
    const { name, pictureUrl } = externalSubject(ISSUER, namespaced, NAMESPACE);
    assert.deepEqual({ name, pictureUrl }, { name: 'Bea', pictureUrl: 'https://example.com/b.png' });
  });

  it('has an address only where the issuer calls that one verified', () => {
    const claims = [
      { email: 'ana@example.com' },
      { email: 'ana@example.com', email_verified: 'true' },
      { email: 'ana@example.com', [`${NAMESPACE}email_verified`]: true },
      { [`${NAMESPACE}email`]: 'ana@example.com', email_verified: true },
      { email: 'no address', email_verified: true },
      { email: ['ana@example.com'], email_verified: true },
    ];
    for (const claim of claims) {
      assert.equal(externalSubject(ISSUER, { sub: 'a', ...claim }, NAMESPACE).verifiedEmail, undefined);
    }
  });

  it('has no picture that is not an https URL', () => {
    for (const picture of ['http://a.test/', 'javascript:alert(1)', 'https://', 'https://a.test/ x', 7, null]) {
      assert.equal(externalSubject(ISSUER, { sub: 'a', picture }, NAMESPACE).pictureUrl, undefined);
    }
  });

  it('is refused for a machine, and for a subject that is none', () => {
    const refused: [Record<string, unknown> & { sub: string }, string][] = [
      [{ sub: 'x@clients' }, 'SUBJECT_NOT_A_USER'],
      [{ sub: 'x', gty: 'client-credentials' }, 'SUBJECT_NOT_A_USER'],
      [{ sub: 'x'.repeat(256) }, 'TOKEN_CLAIMS_INVALID'],
      [{ sub: 'ñ' }, 'TOKEN_CLAIMS_INVALID'],
    ];
    for (const [claims, reason] of refused) {
      assert.throws(
        () => externalSubject(ISSUER, claims, NAMESPACE),
        (error: unknown) => error instanceof DomainError && error.reason === reason,
      );
    }
  });
});
