/** A kind of thing, with what one of it may cost and weigh whoever makes it. */
export interface Kind {
  readonly name: string;
  /** From the cheapest to the dearest, in minor units. */
  readonly priceMinor: readonly [number, number];
  readonly weightGrams: readonly [number, number];
  /** Default: any of its line. */
  readonly materials?: readonly string[];
}

/** Kinds of things that a demo store sells, each in every make that there is. */
export interface Line {
  /** Names of the category and those above it. */
  readonly category: readonly string[];
  readonly kinds: readonly Kind[];
  /** What is put before or after a name. */
  readonly makes: readonly string[];
  readonly description: string;
  readonly materials: readonly string[];
  readonly tags: readonly string[];
  readonly option?: { readonly name: string; readonly values: readonly string[] };
}

export interface DemoStore {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly currencyCode: string;
  readonly countryCode: string;
  readonly contactEmail: string;
  /** How a name and a make are put together. */
  readonly title: (name: string, make: string) => string;
  /** What prices end in. */
  readonly roundMinor: (amountMinor: number) => number;
  readonly skuPrefix: string;
  readonly lines: readonly Line[];
}
