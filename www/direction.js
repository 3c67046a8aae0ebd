// @ts-check

/** Languages that are written from right to left. */
const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i;

/** Returns the direction in which a language is written. @param {string} lang a BCP 47 tag */
export const directionOf = (lang) => (RIGHT_TO_LEFT.test(lang) ? "rtl" : "ltr");
