/** What runs first, and is small: it asks the server while the code that draws the answer is still on its way. */
import "@fontsource-variable/inter/index.css";
import "@/style/tokens.css";

import { askFirst, fetchCode } from "@/app/first";

askFirst(window.location);
// In a turn of its own: a phone must hear a press between the two.
setTimeout(() => {
  delete window.early; // what nobody has asked for by now would be old
  fetchCode(window.location);
  void import("@/app/draw");
});
