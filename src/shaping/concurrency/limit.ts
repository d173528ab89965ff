/** How many requests a service is given at once: a number that stands, or one that learns from each answer. */
export interface Limit {
  /** A whole number, 1 or more. */
  readonly current: number;
  sample(sample: Sample): void;
}

/** What one request says of the service's load. */
export interface Sample {
  /** Refused by the service itself, or not answered in time; else it was answered. */
  readonly wasDropped: boolean;
  /** Milliseconds from its turn to the head of its answer, or to its failure. */
  readonly rttMs: number;
  /** Requests under way at that moment, this one included. */
  readonly inFlight: number;
}
