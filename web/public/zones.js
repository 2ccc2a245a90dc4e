// What `early.js` starts beside the page: the browser keeps what it loads here for all of the page's questions about times.
Intl.DateTimeFormat();
close();
