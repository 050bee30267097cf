/** An account that the owner of its address took over from whoever had it. */
export interface Takeover {
  readonly sequence: bigint;
  readonly userId: string;
  /** What was set up before was not set up by the owner. */
  readonly takeOverTime: Date;
}
