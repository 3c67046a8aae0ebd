/** The bundler hands the sheet over as a text. */
declare const css: string;
export default css;
