/** The bundler hands the sheet over as text. */
declare const css: string;
export default css;
