// What every page does, also before anybody has signed in.
import '../js/forms.js';
import '../js/page.js';
