using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Rookery.Kernel.Startup;

internal static class SettingsRegistration
{
    /// <summary>Binds <typeparamref name="T"/> to a section and has it checked before the host starts.</summary>
    public static OptionsBuilder<T> AddSettings<T>(this IServiceCollection services, string section)
        where T : class
    {
        services.AddSingleton(BoundSection.Of<T>(section));
        services.AddSingleton<IValidateOptions<T>>(new AnnotationCheck<T>(section));
        return services.AddOptions<T>().BindConfiguration(section).ValidateOnStart();
    }
}
