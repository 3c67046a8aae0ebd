/** The checkout as a React component. docs/embedding.md describes each option. */

import type { ForwardRefExoticComponent, HTMLAttributes, ReactNode, RefAttributes } from "react";
import type { CheckoutOptions, OpenCashierElement } from "./dist/index.js";

/** The attributes of any element, such as `id`, `className` and `lang`. */
type Attributes = Omit<HTMLAttributes<HTMLElement>, keyof CheckoutOptions | "children" | "dangerouslySetInnerHTML">;

export interface OpenCashierProps extends CheckoutOptions, Attributes {
  /**
   * The answer's `embed`, as the merchant's server got it when it opened the session. The server
   * renders it, and the selector is on the page with the first paint.
   */
  embed?: string | null;
  /** Shown until the script runs, such as a link to the hosted page. */
  children?: ReactNode;
}

/** Renders `<open-cashier>`. A `ref` gets the element with its methods. */
export declare const OpenCashier: ForwardRefExoticComponent<OpenCashierProps & RefAttributes<OpenCashierElement>>;
