// Globals that the tests put into pages.
export {};

declare global {
  /** `faults/page-time.mjs`: the page's virtual clock, and a snapshot of the screen. */
  var test: any;
  /** `stage/press.mjs`: what became of the last press. */
  var pressOutcome: "hit" | "missed" | "waiting" | "released" | undefined;
  var endPress: (() => void) | undefined;
  /** The sandbox's emulation of a wallet app's bridge. */
  var sandboxBridgeCall: any;
  /** The checkout that a page's script has created, and the events that it received. */
  var checkout: any;
  var events: any;
  /** A function of the test that the page calls. */
  var recordEvent: (detail: any) => void;
  /** Values that a page's script sets for its test. */
  var seen: any;
  var rejections: any;
  var counted: { timers: Set<any>; listeners: Set<any> };
  var element: any;
  /** Set by scripts that must never run. */
  var pwned: any;
  var reportViolation: (text: string) => void;
}
