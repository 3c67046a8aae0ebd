export default {
  // Static files, for any server. Without it, open the session in a server component instead.
  output: "export",
};
