/** What of React writes into the document: the largest library, and the last that is needed. */
export { createRoot } from "react-dom/client";
