// Globals that the tests put into pages.
export {};

declare global {
  /** `faults/page-time.mjs`: the page's virtual clock, and a snapshot of the screen. */
  var test: any;
  /** The sandbox's emulation of a wallet app's bridge. */
  var sandboxBridgeCall: any;
  /** A checkout that a page's own script has made, and the events that it heard. */
  var checkout: any;
  var heard: any;
  /** A function of the test that the page calls. */
  var hear: (detail: any) => void;
  /** Values that a page's script sets for its test. */
  var seen: any;
  var unheard: any;
  var counted: { timers: Set<any>; listeners: Set<any> };
  var kept: any;
  /** Set by scripts that must never run. */
  var pwned: any;
  var reportViolation: (text: string) => void;
}
