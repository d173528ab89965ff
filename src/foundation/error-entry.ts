/** A row of the table of errors. */
export interface ErrorEntry {
  /** One plain sentence for the README and as the default message. */
  readonly summary: string;
  /** The fix, as an instruction. */
  readonly hint: string;
  /** HTTP status with which the gateway or the admin API answers. */
  readonly status: number;
  /** Exit code of the command line: 1 run-time, 2 usage or mesh file, 3 no mesh, 4 not ready. */
  readonly exitCode: number;
}
