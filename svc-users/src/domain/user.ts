import { DomainError } from '@malla/chassis/errors';
import { isLanguageTag, isTimeZone } from './locale.ts';

/** What a user may change of the profile at will. */
export interface ProfileFields {
  displayName: string;
  locale: string;
  timeZone: string;
  pictureUrl: string;
}

/** The names of these fields as a client writes them, which are the proto's. */
export const PROFILE_FIELDS = {
  display_name: 'displayName',
  locale: 'locale',
  time_zone: 'timeZone',
  picture_url: 'pictureUrl',
} as const satisfies Record<string, keyof ProfileFields>;

/** A person who uses Malla. */
export class User implements ProfileFields {
  userId: string;
  /** In lower case; null when an external issuer gave none. */
  email: string | null;
  emailVerified = false;
  displayName: string;
  locale = '';
  timeZone = '';
  pictureUrl = '';
  /** In PHC string format; null when only an external issuer vouches for the user. */
  passwordHash: string | null = null;
  createTime: Date;
  updateTime: Date;
  /** Grows with each change. */
  version = 1;

  constructor(userId: string, email: string | null, displayName: string, now: Date) {
    this.userId = userId;
    this.email = email;
    this.displayName = displayName;
    this.createTime = now;
    this.updateTime = now;
  }

  /**
   * Changes some fields of the profile.
   * @param etag the version that the change is meant for; empty for whichever it is.
   * @throws DomainError `aborted` (ETAG_MISMATCH) when the profile has changed since.
   */
  updateProfile(changes: Partial<ProfileFields>, etag: string, now: Date): void {
    if (etag !== '' && etag !== etagOf(this)) {
      throw new DomainError('aborted', 'ETAG_MISMATCH', 'The profile has changed since it was read.');
    }
    Object.assign(this, changes);
    this.updateTime = now;
  }
}

/** A user as it was read, to be shown or compared. To be changed it is locked. */
export type UserRecord = Readonly<Omit<User, 'updateProfile'>>;

/** The entity tag of a profile (AIP-154). */
export function etagOf({ version }: { readonly version: number }): string {
  return `v${version}`;
}

/** The contract's rule for an e-mail address, which is that of HTML: ASCII only. */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const EMAIL_LENGTH_MAX = 254;

/**
 * Whether a text is an e-mail address as the contract takes it. What looks like one to people and is not, such as an address
 * with the Kelvin sign for a K, may not come to equal another's when it is normalized.
 */
export function isEmail(text: string): boolean {
  return text.length <= EMAIL_LENGTH_MAX && EMAIL.test(text);
}

/** An e-mail address as it is stored and compared: upper and lower case are the same. */
export function normalizeEmail(email: string): string {
  return email.toLowerCase();
}

/** What is left of a name once all that cannot be seen is taken out. */
const INVISIBLE = /[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u{2800}]/gu;

/**
 * Checks what the contract's rules cannot.
 * @param prefix where the fields stand in the request: `user.`.
 * @throws DomainError `invalid` (PROFILE_INVALID) naming every bad field.
 */
export function checkProfile(changes: Partial<ProfileFields>, prefix: string): void {
  const faults: [boolean, keyof typeof PROFILE_FIELDS, string][] = [
    [changes.displayName?.replaceAll(INVISIBLE, '') === '', 'display_name', 'must hold a visible character'],
    [Boolean(changes.locale) && !isLanguageTag(changes.locale ?? ''), 'locale', 'is no BCP 47 language tag'],
    [Boolean(changes.timeZone) && !isTimeZone(changes.timeZone ?? ''), 'time_zone', 'is no IANA time zone'],
  ];
  const fields = faults
    .filter(([wrong]) => wrong)
    .map(([, name, description]) => ({ field: `${prefix}${name}`, reason: 'FIELD_INVALID', description }));
  if (fields.length > 0) throw new DomainError('invalid', 'PROFILE_INVALID', 'The profile breaks a rule.', { fields });
}
