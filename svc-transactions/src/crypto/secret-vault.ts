import { createVault, type Vault } from '@malla/chassis/encryption-keys';

/** The vault of webhook secrets that the configuration asks for. */
export function vaultOf(config: {
  readonly KEY_ENCRYPTION_KEY: Uint8Array;
  readonly KEY_ENCRYPTION_KEYS_PREVIOUS: readonly Uint8Array[];
}): Vault {
  return createVault(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_PREVIOUS, 'KEY_ENCRYPTION_KEY');
}
