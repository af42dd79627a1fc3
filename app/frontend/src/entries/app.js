// What signed-in pages do besides page.js: htmx and what rests on it.
import 'htmx.org';
import '../js/http.js';
import '../js/confirm.js';
import '../js/files.js';
import '../js/lists.js';
import '../js/keys.js';
import '../js/poll.js';
