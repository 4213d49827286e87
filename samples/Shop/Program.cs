using Footfall.AspNetCore;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddFootfallCollector(builder.Configuration.GetSection("Footfall"));

var app = builder.Build();
app.MapFootfallCollector("/footfall");
app.MapGet("/", () => Results.Content(
    """
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Shop</title>
        <script defer src="/footfall/footfall.js" data-app="shop"></script>
      </head>
      <body>
        <h1>SQL for everyone</h1>
        <button>Enroll Now</button>
        <button>Buy Now</button>
      </body>
    </html>
    """, "text/html"));

app.Run();
