/* Additions that pages do without: a print button, and the letter size kept from one article to the next. */
(function () {
    "use strict";
    var KEY = "qunzhan-size";
    var sizes = document.querySelectorAll(".sizes input");
    if (!sizes.length) { return; }

    function stored() {
        try { return window.localStorage.getItem(KEY); } catch (error) { return null; }
    }
    sizes.forEach(function (input) {
        if (input.id === stored()) { input.checked = true; }
        input.addEventListener("change", function () {
            try { window.localStorage.setItem(KEY, input.id); } catch (error) { /* private window */ }
        });
    });

    var print = document.createElement("button");
    print.type = "button";
    print.className = "print";
    print.textContent = "打印";
    print.addEventListener("click", function () { window.print(); });
    document.querySelector(".sizes").appendChild(print);
}());
