// Preprocessor of mdBook: links of the documents that leave docs/ lead to the repository's pages.
// Usage: by docs/book.toml; reads the book from standard input and writes it to standard output.
import { posix } from "node:path";

const REPOSITORY = "https://github.com/opencashier/opencashier/blob/main/";

if (process.argv[2] === "supports") process.exit(0);
let input = "";
for await (const chunk of process.stdin.setEncoding("utf8")) input += chunk;
const [, book] = JSON.parse(input);
for (const item of book.items ?? book.sections) visit(item);
process.stdout.write(JSON.stringify(book));

/** @param {any} item of the book: a chapter, a separator or a title */
function visit(item) {
  const chapter = item.Chapter;
  if (!chapter) return;
  const folder = posix.dirname(posix.join("docs", chapter.source_path ?? chapter.path ?? ""));
  chapter.content = chapter.content.replace(/(\]\()(\.\.\/[^)\s]+)(?=\))/g, (/** @type {string} */ whole, /** @type {string} */ open, /** @type {string} */ link) => {
    const target = posix.join(folder, link);
    return target.startsWith("docs/") ? whole : `${open}${REPOSITORY}${target}`;
  });
  chapter.sub_items.forEach(visit);
}
