// Presses the one button of the page, for people whose browsers run scripts.
document.getElementById("form-post")?.submit();
