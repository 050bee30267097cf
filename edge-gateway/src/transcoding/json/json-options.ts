/** Fields without presence are written even when they are zero or empty: clients find every name in every answer. */
export const JSON_WRITE_OPTIONS = { alwaysEmitImplicit: true } as const;
